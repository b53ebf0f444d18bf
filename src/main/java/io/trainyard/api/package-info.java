/**
 * The only HTTP: controllers with their requests and responses, and the mapping from errors to
 * problems.
 */
@NullMarked
package io.trainyard.api;

import org.jspecify.annotations.NullMarked;
