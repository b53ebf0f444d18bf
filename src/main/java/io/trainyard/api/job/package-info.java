/** Jobs over HTTP. */
@NullMarked
package io.trainyard.api.job;

import org.jspecify.annotations.NullMarked;
