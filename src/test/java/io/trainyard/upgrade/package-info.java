/** What earlier builds kept, in the hands of this one. */
@NullMarked
package io.trainyard.upgrade;

import org.jspecify.annotations.NullMarked;
