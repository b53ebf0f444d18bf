/**
 * Recipes by name, with the settings that a caller may give in place of layers. Knows no data: what
 * a recipe makes of a table is in {@code dataset.recipe}. Start at {@link
 * io.trainyard.spec.recipe.Recipe}.
 */
@NullMarked
package io.trainyard.spec.recipe;

import org.jspecify.annotations.NullMarked;
