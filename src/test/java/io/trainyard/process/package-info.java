/** Tests against the packaged jar in processes of its own: first start, kill, restart. */
@NullMarked
package io.trainyard.process;

import org.jspecify.annotations.NullMarked;
