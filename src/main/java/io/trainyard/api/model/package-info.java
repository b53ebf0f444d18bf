/**
 * Models, versions and aliases over HTTP, with validation, conversion and import. Holds views and
 * paths only; the rules are in {@code model}. Start at {@link
 * io.trainyard.api.model.ModelController}.
 */
@NullMarked
package io.trainyard.api.model;

import org.jspecify.annotations.NullMarked;
