/**
 * The bodies of predict requests: JSON, NPY, images, named tensors. Each becomes the input tensors
 * of a model. It must not know HTTP, nor how the tensors are computed. Start at {@link
 * io.trainyard.predict.request.JsonRequest}.
 */
@NullMarked
package io.trainyard.predict.request;

import org.jspecify.annotations.NullMarked;
