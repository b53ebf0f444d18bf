/** How columns become tensors and outputs become answers. */
@NullMarked
package io.trainyard.dataset.encoding;

import org.jspecify.annotations.NullMarked;
