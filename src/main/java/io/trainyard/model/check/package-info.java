/**
 * Checks of a model spec, alone or against its data and training. {@code ResolvedModel} reads a
 * model object and {@code SpecCheck} checks it: the same code for validate, submit, store and
 * import. Must not know jobs, stored models or HTTP. Start with {@link
 * io.trainyard.model.check.ModelCheck}, the check that validate answers with.
 */
@NullMarked
package io.trainyard.model.check;

import org.jspecify.annotations.NullMarked;
