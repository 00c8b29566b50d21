/* topics.h -- the topics of the core's test program, one line each. */
TOPIC(harness)
