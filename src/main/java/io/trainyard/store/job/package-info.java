/** The store behind the ports of jobs. */
@NullMarked
package io.trainyard.store.job;

import org.jspecify.annotations.NullMarked;
