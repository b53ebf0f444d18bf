/**
 * What the product asks of the operating system for its processes and threads: priority, process
 * group, end with the parent; a file that stays while it is read, and checksums; and the watchdog
 * that ends a process which cannot work any more. Start at {@link io.trainyard.os.ProcessControl}
 * and {@link io.trainyard.os.Watchdog}. Knows nothing of what runs in them.
 */
@NullMarked
package io.trainyard.os;

import org.jspecify.annotations.NullMarked;
