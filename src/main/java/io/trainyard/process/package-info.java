/**
 * Processes that this one starts from the same program: their command line, the socket on which
 * they connect, and how their death is explained. Workers (floor 9) and hosts of foreign files
 * (floor 6) are such processes. It knows nothing of what runs in them. Start at {@link
 * io.trainyard.process.ProcessCommand}.
 */
@NullMarked
package io.trainyard.process;

import org.jspecify.annotations.NullMarked;
