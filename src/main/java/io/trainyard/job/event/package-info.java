/** What happened to jobs: history and live feeds. */
@NullMarked
package io.trainyard.job.event;

import org.jspecify.annotations.NullMarked;
