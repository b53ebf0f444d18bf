package io.trainyard.api.infer;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonStream;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.predict.request.NamedTensorsRequest;
import io.trainyard.predict.request.NumberScanner;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * The body of an inference request: JSON, and behind it the binary tensors that it announces. Data
 * go from tokens to tensors; the rest of the JSON is small. Unknown members are ignored, as the
 * protocol wants.
 */
final class InferBody implements NamedTensorsRequest.Source {
  private static final int MOST_INPUTS = 20_000;
  private static final int MOST_OUTPUTS = 20_000;

  /** The values of one member that is not data. */
  private static final int MOST_VALUES = 200_000;

  /** Larger JSON is mostly numbers, which a faster reader reads. */
  private static final int LARGE = 2048;

  private final byte[] body;
  private final int jsonLength;
  private final List<InferInput> inputs = new ArrayList<>();
  private List<RequestedOutput> outputs = List.of();
  private String id = "";
  private boolean binaryByDefault;
  private @Nullable JsonNode threshold;

  /**
   * An output that the caller asks for.
   *
   * @param binary whether it goes behind the JSON of the answer; null: as the request says of all
   */
  private record RequestedOutput(String name, @Nullable Boolean binary) {}

  /**
   * @param jsonLength the bytes of the JSON at the start; the whole body without binary tensors
   */
  InferBody(byte[] body, int jsonLength) {
    this.body = body;
    this.jsonLength = jsonLength;
  }

  @Override
  public List<NamedTensor> tensors(ByteBudget.Reservation memory, Violations violations) {
    byte[] json = jsonLength == body.length ? body : Arrays.copyOf(body, jsonLength);
    if (json.length < LARGE || !isReadPlainly(json, memory)) {
      Violations found = readFully(json, memory);
      if (inputs.stream().anyMatch(InferInput::isDeferred)) {
        // Data came before their shape or type, which are known by now.
        found = readFully(json, memory);
      }
      violations.addAll(found.list());
    }
    List<NamedTensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int at = jsonLength;
    for (int i = 0; i < inputs.size(); i++) {
      if (!inputs.get(i).isUnnamed() && !names.add(inputs.get(i).name())) {
        violations.add(
            Violation.pointer("/inputs", i) + "/name",
            "'" + inputs.get(i).shownName() + "' is given twice");
      }
    }
    if (!violations.isEmpty()) {
      return tensors;
    }
    for (InferInput input : inputs) {
      int length = input.binaryLength();
      if (length > body.length - at) {
        input.refuse(
            "parameters",
            "binary_data_size is %d, but the body has %d bytes left"
                .formatted(length, body.length - at));
        violations.addAll(input.violations().list());
        return tensors;
      }
      tensors.add(input.tensor(body, at, memory));
      at += length;
    }
    if (at < body.length) {
      throw new ServiceException(
          ErrorCode.MALFORMED_BODY,
          "The body has %d bytes behind its JSON and its binary tensors"
              .formatted(body.length - at));
    }
    return tensors;
  }

  @Override
  public List<String> names() {
    return inputs.stream().map(input -> input.isUnnamed() ? "" : input.name()).toList();
  }

  @Override
  public List<String> asked() {
    return outputs.stream().map(RequestedOutput::name).toList();
  }

  @Override
  public @Nullable JsonNode threshold() {
    return threshold;
  }

  /** The rows of a tensor are in its data. */
  @Override
  public Violation placed(Violation fault) {
    return fault.withExamplesAt(place -> place.replaceFirst("^(/inputs/\\d+)/", "$1/data/"));
  }

  @Override
  public String thresholdPointer() {
    return "/parameters/threshold";
  }

  /** The caller's id, or a new one. */
  String id() {
    if (id.isEmpty()) {
      id = UUID.randomUUID().toString();
    }
    return id;
  }

  /** Whether an output goes behind the JSON of the answer. */
  boolean isBinary(String output) {
    for (RequestedOutput asked : outputs) {
      if (asked.name().equals(output) && asked.binary() != null) {
        return asked.binary();
      }
    }
    return binaryByDefault;
  }

  /** Reads most large bodies; false for one that the full reader reads, or whose fault it tells. */
  private boolean isReadPlainly(byte[] json, ByteBudget.Reservation memory) {
    long before = memory.held();
    Violations violations = new Violations();
    try {
      readPlainly(json, memory, violations);
      violations.throwIfAny();
      return true;
    } catch (Unexpected | ServiceException e) {
      memory.reduceTo(before);
      inputs.clear();
      outputs = List.of();
      id = "";
      binaryByDefault = false;
      threshold = null;
      return false;
    }
  }

  private void readPlainly(byte[] json, ByteBudget.Reservation memory, Violations violations)
      throws Unexpected {
    PlainObject all = new PlainObject(new NumberScanner(json), json);
    boolean given = false;
    for (String name = all.next(); name != null; name = all.next()) {
      if (name.equals("inputs")) {
        given = true;
        all.in().expect('[');
        do {
          if (inputs.size() == MOST_INPUTS) {
            throw NumberScanner.unexpected();
          }
          InferInput input = new InferInput(inputs.size());
          input.readPlainly(new PlainObject(all.in(), json), memory, violations);
          inputs.add(input);
        } while (all.in().take(','));
        all.in().expect(']');
      } else {
        String member = name;
        all.value(value -> readMember(member, value, violations));
      }
    }
    all.in().expectEnd();
    if (!given) {
      throw NumberScanner.unexpected();
    }
  }

  private Violations readFully(byte[] json, ByteBudget.Reservation memory) {
    Violations violations = new Violations();
    try (JsonStream in = new JsonStream(json)) {
      if (in.next() != JsonToken.START_OBJECT) {
        throw ServiceException.invalid("", "An object was expected, got " + in.describe(""));
      }
      boolean given = false;
      while (in.next() != JsonToken.END_OBJECT) {
        String name = in.name();
        in.next();
        if (name.equals("inputs")) {
          given = true;
          readInputs(in, json.length, memory, violations);
        } else {
          readMember(name, in, violations);
        }
      }
      in.expectEnd();
      if (!given) {
        violations.add("/inputs", "'inputs' is required: a list of tensors");
      }
    }
    return violations;
  }

  private void readMember(String name, JsonStream in, Violations violations) {
    switch (name) {
      case "id" -> id = text(in, "/id", violations);
      case "parameters" -> {
        JsonNode parameters = in.tree(MOST_VALUES, "/parameters");
        binaryByDefault = parameters.path("binary_data_output").asBoolean(false);
        threshold = parameters.get("threshold");
      }
      case "outputs" -> readOutputs(in.tree(MOST_VALUES, "/outputs"), violations);
      default -> in.skip();
    }
  }

  private static String text(JsonStream in, String pointer, Violations violations) {
    if (in.current() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (in.current() != JsonToken.VALUE_STRING) {
      violations.add(pointer, "A text was expected, got " + in.describe(pointer));
      in.skip();
      return "";
    }
    return in.text();
  }

  private void readInputs(
      JsonStream in, int length, ByteBudget.Reservation memory, Violations violations) {
    if (in.current() != JsonToken.START_ARRAY) {
      violations.add("/inputs", "A list of tensors was expected, got " + in.describe("/inputs"));
      in.skip();
      return;
    }
    int index = 0;
    while (in.next() != JsonToken.END_ARRAY) {
      if (index == MOST_INPUTS) {
        throw ServiceException.invalid(
            "/inputs", "At most " + MOST_INPUTS + " inputs were expected, there are more");
      }
      if (index == inputs.size()) {
        inputs.add(new InferInput(index));
      }
      inputs.get(index++).read(in, length, memory, violations);
    }
  }

  private void readOutputs(JsonNode given, Violations violations) {
    if (given.isNull()) {
      return;
    }
    if (!given.isArray()) {
      violations.add(
          "/outputs", "A list of outputs was expected, got " + JsonObject.describe(given));
      return;
    }
    if (given.size() > MOST_OUTPUTS) {
      throw ServiceException.invalid(
          "/outputs",
          "At most %d outputs were expected, got %d".formatted(MOST_OUTPUTS, given.size()));
    }
    List<RequestedOutput> asked = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      JsonNode name = given.get(i).path("name");
      if (!name.isString()) {
        violations.add(
            Violation.pointer("/outputs", i),
            "An object with a 'name' was expected, got "
                + JsonObject.shorten(given.get(i).toString()));
        continue;
      }
      JsonNode binary = given.get(i).path("parameters").path("binary_data");
      asked.add(
          new RequestedOutput(
              name.stringValue(), binary.isBoolean() ? (Boolean) binary.booleanValue() : null));
    }
    outputs = asked;
  }
}
