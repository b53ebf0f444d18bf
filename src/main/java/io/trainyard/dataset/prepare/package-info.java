/** From the rows of a version to the subsets that a job trains on. */
@NullMarked
package io.trainyard.dataset.prepare;

import org.jspecify.annotations.NullMarked;
