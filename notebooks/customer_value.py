# %% [markdown]
# # What every customer is worth
# From a log of orders to points, forecast, tiers and the customers at risk. The data are simulated: a firm with orders,
# opportunities, suggestions, receivables, contacts and a profile of each customer. Put your own frames in their place.
#
# It needs pandas beside custval: `pip install pandas`.

# %%
import pandas as pd

import custval as cv

firm = cv.datasets.crm(as_frame=pd.DataFrame)
firm.orders.head()

# %%
base = firm.base()          # cv.CustomerBase(orders, customer=, time=, amount=, cost=) and its logs
print(base)
print(base.rows)

# %% [markdown]
# ## Points: what a customer is worth today, and why

# %%
card = cv.Scorecard.builtin("b2b")
scored = card.score(base.attributes())
best = scored.sort_values("rank").head(5)
print(best[["customer", "profitability", "strength", "cooperation", "score", "rank"]].to_string(index=False))
print(card.explain(scored, customer=best["customer"].iloc[0]))

# %% [markdown]
# ## Forecast: what he will be worth

# %%
model = cv.MBGNBD(unit="W").fit(base)
print(model.summary())
quarters = cv.forecast(base, periods=3, unit="Q", purchases=model)
print(quarters.filter(regex="^customer$|Q|flag").head().round(0).to_string(index=False))

# %% [markdown]
# ## Tiers and risk: what to do about it

# %%
tiers = cv.pyramid(scored["score"], tiers={"platinum": .01, "gold": .04, "iron": .15, "lead": .80})
print(tiers)
print(cv.at_risk(quarters, share=0.5).round(2).to_string(index=False))
