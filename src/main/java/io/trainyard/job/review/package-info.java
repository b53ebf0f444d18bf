/** Checks of a whole job. */
@NullMarked
package io.trainyard.job.review;

import org.jspecify.annotations.NullMarked;
