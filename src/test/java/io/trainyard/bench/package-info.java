/** What the benchmarks need of the service beside the jar. */
@NullMarked
package io.trainyard.bench;

import org.jspecify.annotations.NullMarked;
