/**
 * Every error the product can answer with, and what it says about the place. Knows nothing of HTTP.
 */
@NullMarked
package io.trainyard.error;

import org.jspecify.annotations.NullMarked;
