/**
 * Networks as ONNX files. Versions are exported and compared with ONNX Runtime, and imported files
 * are run by it; this package has the only import of {@code ai.onnxruntime}. It knows neither
 * {@code engine}, which it stands beside, nor jobs or HTTP. Start at {@link
 * io.trainyard.onnx.OnnxExport}.
 *
 * <p>Other tests: {@code OnnxRuntime} in {@code OnnxExportTest}.
 */
@NullMarked
package io.trainyard.onnx;

import org.jspecify.annotations.NullMarked;
