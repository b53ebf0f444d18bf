/**
 * Checks of a model spec, alone or against its data and training. {@code ResolvedModel} reads a
 * model object and {@code SpecReview} checks it: the same code for validate, submit, store and
 * import. Must not know jobs, stored models or HTTP. Start with {@link
 * io.trainyard.model.review.ModelReview}, the review that validate answers with.
 */
@NullMarked
package io.trainyard.model.review;

import org.jspecify.annotations.NullMarked;
