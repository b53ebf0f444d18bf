package io.trainyard.grpc;

import com.google.protobuf.ByteString;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.grpc.protocol.InferParameter;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelInferResponse.InferOutputTensor;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.request.BinaryTensor;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.tensor.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;

/** The answer of an inference: raw bytes for a request of raw bytes, else contents by type. */
final class InferResponse {
  private InferResponse() {}

  static ModelInferResponse of(
      ModelInferRequest request, Prediction prediction, List<NamedTensor> outputs) {
    boolean raw = request.getRawInputContentsCount() > 0;
    ModelInferResponse.Builder answer =
        ModelInferResponse.newBuilder()
            .setModelName(prediction.version().model())
            .setModelVersion(String.valueOf(prediction.version().version()))
            .setId(request.getId().isEmpty() ? UUID.randomUUID().toString() : request.getId());
    List<String> assumed = prediction.definition().assumedClasses();
    if (!assumed.isEmpty()) {
      answer.putParameters(
          "assumed_classes",
          InferParameter.newBuilder().setStringParam(String.join(", ", assumed)).build());
    }
    for (NamedTensor output : outputs) {
      InferOutputTensor.Builder tensor =
          InferOutputTensor.newBuilder()
              .setName(output.name())
              .setDatatype(DataType.of(output).name());
      output.shape().dims().forEach(tensor::addShape);
      Decision.Named rule = prediction.decisions().get(output.name());
      if (rule != null) {
        tensor.putParameters(
            "positive", InferParameter.newBuilder().setStringParam(rule.positive()).build());
        tensor.putParameters(
            "threshold", InferParameter.newBuilder().setDoubleParam(rule.threshold()).build());
      }
      if (raw) {
        answer.addRawOutputContents(bytes(output));
      } else {
        tensor.setContents(contents(output));
      }
      answer.addOutputs(tensor);
    }
    return answer.build();
  }

  private static ByteString bytes(NamedTensor output) {
    ByteString.Output bytes =
        ByteString.newOutput(Math.toIntExact(Math.max(1, BinaryTensor.length(output))));
    try {
      BinaryTensor.write(output, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteString();
  }

  private static InferTensorContents contents(NamedTensor output) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    switch (output) {
      case NamedTensor.Texts texts ->
          texts
              .elements()
              .forEach(text -> contents.addBytesContents(ByteString.copyFromUtf8(text)));
      case NamedTensor.Numbers(_, HostTensor tensor, _, _, _) -> {
        long elements = tensor.shape().elements();
        for (long i = 0; i < elements; i++) {
          switch (tensor.type()) {
            case FLOAT32 -> contents.addFp32Contents(tensor.floatAt(i));
            case FLOAT64 -> contents.addFp64Contents(tensor.doubleAt(i));
            case INT64 -> contents.addInt64Contents(tensor.longAt(i));
            case INT8, INT16, INT32 -> contents.addIntContents((int) tensor.doubleAt(i));
            case UINT8 -> contents.addUintContents((int) tensor.doubleAt(i));
            case BOOL -> contents.addBoolContents(tensor.doubleAt(i) != 0);
          }
        }
      }
    }
    return contents.build();
  }
}
