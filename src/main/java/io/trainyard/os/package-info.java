/**
 * What the product asks of the operating system for its processes and threads: priority, process
 * group, end with the parent; and a file that stays while it is read. Start at {@link
 * io.trainyard.os.ProcessControl}. Knows nothing of what runs in them. {@code ProcessControlTest}
 * tests it, and {@code WorkerDeathIT} for workers.
 */
@NullMarked
package io.trainyard.os;

import org.jspecify.annotations.NullMarked;
