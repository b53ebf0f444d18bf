/**
 * Networks as ONNX files. Versions are exported and compared with ONNX Runtime, and imported files
 * are run by it; this package has the only import of {@code ai.onnxruntime}. It knows neither
 * {@code engine}, which it stands beside, nor jobs or HTTP. Start at {@link
 * io.trainyard.onnx.OnnxExport} and {@link io.trainyard.onnx.OnnxImport}.
 *
 * <p>What a caller's file may cost: it is read first without native code, and refused for what
 * could run without an end or reads other files. It is read and computed in other processes only,
 * those of {@link io.trainyard.onnx.host}. The memory of all sessions together has a limit, nothing
 * is computed while a file is loaded, and a run ends between two operators when nobody waits for
 * it.
 */
@NullMarked
package io.trainyard.onnx;

import org.jspecify.annotations.NullMarked;
