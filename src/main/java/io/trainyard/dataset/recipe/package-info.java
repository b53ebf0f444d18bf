/**
 * What recipes make of a table: pure functions from its profile, inputs and targets to a model
 * object and a training. Knows no rows and no tensors. Start at {@link
 * io.trainyard.dataset.recipe.RecipeExpansion}.
 */
@NullMarked
package io.trainyard.dataset.recipe;

import org.jspecify.annotations.NullMarked;
