# %% [markdown]
# # Customer value
# From an order log to points, forecast, tiers and customers at risk. The data are simulated: a firm with orders,
# opportunities, suggestions, receivables, contacts and a profile of each customer. Replace them with your own frames.
#
# It needs pandas in addition to custval: `pip install pandas`.

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
# ## Points: the present value of a customer, with reasons

# %%
card = cv.Scorecard.builtin("b2b")
scored = card.score(base.attributes())
best = scored.sort_values("rank").head(5)
print(best[["customer", "profitability", "strength", "cooperation", "score", "rank"]].to_string(index=False))
print(card.explain(scored, customer=best["customer"].iloc[0]))

# %% [markdown]
# ## Forecast: the value of the next quarters

# %%
model = cv.MBGNBD(unit="W").fit(base)
print(model.summary())
quarters = cv.forecast(base, periods=3, unit="Q", purchases=model)
print(quarters.filter(regex="^customer$|Q|flag").head().round(0).to_string(index=False))

# %% [markdown]
# ## Tiers and risk: where to act

# %%
tiers = cv.pyramid(scored["score"], tiers={"platinum": .01, "gold": .04, "iron": .15, "lead": .80})
print(tiers)
print(cv.at_risk(quarters, share=0.5).round(2).to_string(index=False))
