/**
 * Tests against the packaged jar: first start, kill, restart, outages and random faults. They know
 * the service only by its command line, its HTTP and its files. Start at {@code KilledServiceIT};
 * {@code FaultsIT} runs the harness of {@code Fleet}, {@code Fault}, {@code Storm} and {@code
 * Verdict}.
 */
@NullMarked
package io.trainyard.process;

import org.jspecify.annotations.NullMarked;
