/* topics.h -- the topics of the core's test program, one line each. */
TOPIC(special)
TOPIC(kernels)
TOPIC(ledger)
TOPIC(attributes)
TOPIC(fit)
TOPIC(pyramid)
TOPIC(forecast)
TOPIC(scorecard)
