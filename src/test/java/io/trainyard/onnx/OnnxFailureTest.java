package io.trainyard.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.junit.jupiter.api.Test;

class OnnxFailureTest {
  @Test
  void functionsOfOnnxRuntimeAreNotShown() {
    OrtException failure =
        new OrtException(
            "Error code - ORT_RUNTIME_EXCEPTION - message: Exception during initialization:"
                + " /onnxruntime_src/onnxruntime/core/providers/cpu/ml/ml_common.h:90"
                + " onnxruntime::ml::POST_EVAL_TRANSFORM"
                + " onnxruntime::ml::MakeTransform(const std::string&)"
                + " Unexpected value for post_eval_transform");
    assertThat(OnnxFailure.shown(failure))
        .isEqualTo(
            "Error code - ORT_RUNTIME_EXCEPTION - message: Unexpected value for"
                + " post_eval_transform");
  }

  @Test
  void kindOfAFaultIsNotShown() {
    var failure =
        new OrtException(
            OrtException.OrtErrorCode.ORT_FAIL,
            "Node () Op (Conv) [ShapeInferenceError] Input tensor must have 2 dimensions");
    assertThat(OnnxFailure.shown(failure))
        .endsWith("Node () Op (Conv) Input tensor must have 2 dimensions");
  }
}
