"""How long a client may take, in seconds and bytes. Whoever keeps none of them waits for us only.

A client is cut off up to `LOOK_SECONDS` later than these say: each connection is looked at that
often, by a timer of its own, so that a request costs nothing for it.
"""

LOOK_SECONDS = 5.0

# From the connection, or the last answer, to the end of the next request's headers: in all, for
# headers are small, and who sends a byte of them now and then has nothing to say. A connection that
# has had its answer and says nothing is closed by uvicorn sooner, after `KEEP_ALIVE_SECONDS`.
HEAD_SECONDS = 20.0
KEEP_ALIVE_SECONDS = 5

# As much as a ticket's request could need many times over; it is all held in memory.
HEAD_BYTES = 64 * 1024

# A body may take hours, as long as it comes: so much in each such time (500 bytes a second, which
# the slowest line of a telephone has). Only the time in which we want to read is counted.
BODY_SECONDS = 20.0
BODY_BYTES = 10_000

# Nothing at all of an answer was taken in this time. The kernel holds megabytes for a client, and
# tells of what it got rid of in large steps: over a slow line they are a minute apart.
READING_SECONDS = 120.0

# Told to stop, we answer what idle connections still ask in this time, and close them with that
# answer. A request that was under way to us when we were told is here by then.
PARTING_SECONDS = 0.5

# Requests in flight get this long once the server was told to stop. With what comes after them, a
# database that does not answer included, it is gone within thirty seconds.
GRACE_SECONDS = 18

# A worker that is to replace another one serves by then, on a machine under load too.
START_SECONDS = 60.0
