/**
 * The bodies of predict requests: JSON, NPY, images, named tensors. Each becomes the input tensors
 * of a model. It must not know HTTP, nor how the tensors are computed. Start at {@link
 * io.trainyard.predict.request.JsonRequest}. Tests: {@code PredictHttpTest}, {@code NpyHttpTest}
 * and {@code ImageHttpTest} for the bodies, {@code PredictFuzzHttpTest} for broken ones.
 *
 * <p>Other tests: {@code InstanceBlock} in {@code PlainInstancesTest}, {@code TensorReader} and
 * {@code JsonRequest} in {@code PredictFuzzHttpTest}, {@code NpyRequest} and {@code ArrayInput} in
 * {@code NpyHttpTest}, {@code ImageInstances} in {@code ImageHttpTest}, {@code ArrayRows} in {@code
 * NpyHttpTest}, {@code NamedTensorsRequest}, {@code NamedInputs}, {@code NamedOutputs}, {@code
 * ColumnarRequest}, {@code DataType}, {@code BinaryTensor} and {@code NestedTensor} in {@code
 * InferHttpTest}, {@code NarrowFloats} and {@code Cells} in {@code InferColumnsHttpTest}.
 */
@NullMarked
package io.trainyard.predict.request;

import org.jspecify.annotations.NullMarked;
