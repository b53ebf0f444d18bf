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
  private @Nullable JsonNode threshold;

  InferRequest(ModelInferRequest request) {
    this.request = request;
  }

  @Override
  public List<NamedTensor> tensors(ByteBudget.Reservation memory, Violations violations) {
    int raw = request.getRawInputContentsCount();
    int inputs = request.getInputsCount();
    threshold = given(violations);
    if (Math.max(inputs, request.getOutputsCount()) > MOST_INPUTS) {
      throw ServiceException.invalid(
          "/inputs", "At most " + MOST_INPUTS + " inputs and outputs were expected");
    }
    boolean matches = raw == 0 || raw == inputs;
    if (!matches) {
      violations.add(
          "/raw_input_contents",
          "One for each of the %d inputs was expected, got %d".formatted(inputs, raw));
    }
    memory.add(1, request.getSerializedSize(), "input");
    List<NamedTensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < inputs; i++) {
      InferInputTensor input = request.getInputs(i);
      if (input.getName().isEmpty()) {
        violations.add(at(i, "name"), "'name' is required");
      } else if (!names.add(input.getName())) {
        violations.add(
            at(i, "name"), "'" + JsonObject.shorten(input.getName()) + "' is given twice");
      }
      NamedTensor tensor = tensor(i, input, raw > 0, matches, memory, violations);
      if (tensor != null) {
        tensors.add(tensor);
      }
    }
    return tensors;
  }

  @Override
  public List<String> names() {
    return request.getInputsList().stream().map(InferInputTensor::getName).toList();
  }

  @Override
  public List<String> asked() {
    return request.getOutputsList().stream().map(InferRequestedOutputTensor::getName).toList();
  }

  /** The rows of a tensor are in its contents, or in the bytes behind all tensors. */
  @Override
  public Violation placed(Violation fault) {
    String contents =
        request.getRawInputContentsCount() > 0 ? "/raw_input_contents/$1/" : "/inputs/$1/contents/";
    return fault.withExamplesAt(place -> place.replaceFirst("^/inputs/(\\d+)/", contents));
  }

  @Override
  public @Nullable JsonNode threshold() {
    return threshold;
  }

  /** A number, or a text with numbers by target as JSON. */
  private @Nullable JsonNode given(Violations violations) {
    InferParameter given = request.getParametersMap().get("threshold");
    if (given == null) {
      return null;
    }
    return switch (given.getParameterChoiceCase()) {
      case DOUBLE_PARAM -> JsonNodeFactory.instance.numberNode(given.getDoubleParam());
      case INT64_PARAM -> JsonNodeFactory.instance.numberNode(given.getInt64Param());
      case UINT64_PARAM -> JsonNodeFactory.instance.numberNode(given.getUint64Param());
      case BOOL_PARAM -> JsonNodeFactory.instance.booleanNode(given.getBoolParam());
      case STRING_PARAM -> {
        try {
          yield StrictJson.parse(given.getStringParam());
        } catch (ServiceException e) {
          violations.add(thresholdPointer(), e.detail());
          yield null;
        }
      }
      case PARAMETERCHOICE_NOT_SET -> null;
    };
  }

  @Override
  public String thresholdPointer() {
    return "/parameters/threshold";
  }

  /** Null when the violations say what is wrong. */
  private @Nullable NamedTensor tensor(
      int index,
      InferInputTensor input,
      boolean raw,
      boolean hasBytes,
      ByteBudget.Reservation memory,
      Violations violations) {
    long before = violations.count();
    Shape shape = null;
    try {
      shape = GivenShape.of(input.getShapeList(), at(index, "shape"));
    } catch (ServiceException e) {
      add(e, violations);
    }
    DataType type = DataType.of(input.getDatatype()).orElse(null);
    if (type == null) {
      violations.add(
          at(index, "datatype"),
          "One of %s was expected, got '%s'"
              .formatted(
                  Stream.of(DataType.values()).map(Enum::name).collect(Collectors.joining(", ")),
                  JsonObject.shorten(input.getDatatype())));
    }
    InferTensorContents contents = input.getContents();
    if (raw && TypedContents.count(contents) > 0) {
      violations.add(at(index, "contents"), "Either contents or raw_input_contents, got both");
    }
    if (shape == null || type == null || !hasBytes || violations.count() > before) {
      return null;
    }
    try {
      if (!raw) {
        String place = at(index, "contents");
        return new TypedContents(input.getName(), type, shape, contents, place).read(memory);
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
    } catch (ServiceException e) {
      add(e, violations);
      return null;
    }
  }

  /** Faults of the request are told together; a lack of memory is none. */
  private static void add(ServiceException fault, Violations violations) {
    if (fault.violations().isEmpty()) {
      throw fault;
    }
    violations.addAll(fault.violations());
  }

  private static String at(int index, String member) {
    return Violation.pointer(Violation.pointer("/inputs", index), member);
  }
}
