package io.trainyard.grpc;

import com.google.protobuf.ByteString;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.grpc.protocol.InferParameter;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.request.BinaryTensor;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.GivenShape;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.predict.request.NamedTensorsRequest;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The tensors of an inference request, in the fields of their types or as raw bytes. */
final class InferRequest implements NamedTensorsRequest.Source {
  private static final int MOST_INPUTS = 20_000;

  private final ModelInferRequest request;

  InferRequest(ModelInferRequest request) {
    this.request = request;
  }

  @Override
  public List<NamedTensor> tensors(ByteBudget.Reservation memory, Violations violations) {
    int raw = request.getRawInputContentsCount();
    int inputs = request.getInputsCount();
    if (Math.max(inputs, request.getOutputsCount()) > MOST_INPUTS) {
      throw ServiceException.invalid(
          "/inputs", "At most " + MOST_INPUTS + " inputs and outputs were expected");
    }
    if (raw > 0 && raw != inputs) {
      throw ServiceException.invalid(
          "/raw_input_contents",
          "One for each of the %d inputs was expected, got %d".formatted(inputs, raw));
    }
    memory.add(1, request.getSerializedSize(), "input");
    List<NamedTensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < inputs; i++) {
      InferInputTensor input = request.getInputs(i);
      if (!names.add(input.getName())) {
        throw refused(i, "name", "'" + JsonObject.shorten(input.getName()) + "' is given twice");
      }
      tensors.add(tensor(i, input, raw > 0, memory));
    }
    return tensors;
  }

  @Override
  public List<String> asked() {
    return request.getOutputsList().stream().map(InferRequestedOutputTensor::getName).toList();
  }

  /** A number, or a text with numbers by target as JSON. */
  @Override
  public @Nullable JsonNode threshold() {
    InferParameter given = request.getParametersMap().get("threshold");
    if (given == null) {
      return null;
    }
    return switch (given.getParameterChoiceCase()) {
      case DOUBLE_PARAM -> JsonNodeFactory.instance.numberNode(given.getDoubleParam());
      case INT64_PARAM -> JsonNodeFactory.instance.numberNode(given.getInt64Param());
      case UINT64_PARAM -> JsonNodeFactory.instance.numberNode(given.getUint64Param());
      case BOOL_PARAM -> JsonNodeFactory.instance.booleanNode(given.getBoolParam());
      case STRING_PARAM -> StrictJson.parse(given.getStringParam());
      case PARAMETERCHOICE_NOT_SET -> null;
    };
  }

  @Override
  public String thresholdPointer() {
    return "/parameters/threshold";
  }

  private NamedTensor tensor(
      int index, InferInputTensor input, boolean raw, ByteBudget.Reservation memory) {
    if (input.getName().isEmpty()) {
      throw refused(index, "name", "'name' is required");
    }
    Shape shape = GivenShape.of(input.getShapeList(), Violation.pointer(pointer(index), "shape"));
    DataType type = DataType.of(input.getDatatype()).orElseThrow(() -> unknownType(index, input));
    InferTensorContents contents = input.getContents();
    if (!raw) {
      return new TypedContents(input.getName(), type, shape, contents, pointer(index) + "/contents")
          .read(memory);
    }
    if (TypedContents.count(contents) > 0) {
      throw refused(index, "contents", "Either contents or raw_input_contents, got both");
    }
    ByteString bytes = request.getRawInputContents(index);
    String place = Violation.pointer("/raw_input_contents", index);
    return new BinaryTensor(
            input.getName(),
            type,
            shape,
            MemorySegment.ofBuffer(bytes.asReadOnlyByteBuffer()),
            place,
            place)
        .read(memory);
  }

  private static String pointer(int index) {
    return Violation.pointer("/inputs", index);
  }

  private static ServiceException refused(int index, String member, String detail) {
    return ServiceException.invalid(Violation.pointer(pointer(index), member), detail);
  }

  private static ServiceException unknownType(int index, InferInputTensor input) {
    return refused(
        index,
        "datatype",
        "One of %s was expected, got '%s'"
            .formatted(
                Stream.of(DataType.values()).map(Enum::name).collect(Collectors.joining(", ")),
                JsonObject.shorten(input.getDatatype())));
  }
}
