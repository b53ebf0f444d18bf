package io.trainyard.api.infer;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
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
  private List<Asked> outputs = List.of();
  private String id = "";
  private boolean binaryByDefault;
  private @Nullable JsonNode threshold;

  /**
   * An output that the caller asks for.
   *
   * @param binary whether it goes behind the JSON of the answer; null: as the request says of all
   */
  private record Asked(String name, @Nullable Boolean binary) {}

  /**
   * @param jsonLength the bytes of the JSON at the start; the whole body without binary tensors
   */
  InferBody(byte[] body, int jsonLength) {
    this.body = body;
    this.jsonLength = jsonLength;
  }

  @Override
  public List<NamedTensor> tensors(ByteBudget.Reservation memory) {
    byte[] json = jsonLength == body.length ? body : Arrays.copyOf(body, jsonLength);
    if (json.length < LARGE || !isReadPlainly(json, memory)) {
      readFully(json, memory);
      if (inputs.stream().anyMatch(InferInput::isDeferred)) {
        // Data came before their shape or type, which are known by now.
        readFully(json, memory);
      }
    }
    List<NamedTensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int at = jsonLength;
    for (InferInput input : inputs) {
      if (!names.add(input.name())) {
        throw input.refused("name", "'" + input.shownName() + "' is given twice");
      }
      int length = input.binaryLength();
      if (length > body.length - at) {
        throw input.refused(
            "parameters",
            "binary_data_size is %d, but the body has %d bytes left"
                .formatted(length, body.length - at));
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
  public List<String> asked() {
    return outputs.stream().map(Asked::name).toList();
  }

  @Override
  public @Nullable JsonNode threshold() {
    return threshold;
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
    for (Asked asked : outputs) {
      if (asked.name().equals(output) && asked.binary() != null) {
        return asked.binary();
      }
    }
    return binaryByDefault;
  }

  /** Reads most large bodies; false for one that the full reader reads, or whose fault it tells. */
  private boolean isReadPlainly(byte[] json, ByteBudget.Reservation memory) {
    long before = memory.held();
    try {
      readPlainly(json, memory);
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

  private void readPlainly(byte[] json, ByteBudget.Reservation memory) throws Unexpected {
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
          input.readPlainly(new PlainObject(all.in(), json), memory);
          inputs.add(input);
        } while (all.in().take(','));
        all.in().expect(']');
      } else {
        String member = name;
        all.value(value -> readMember(member, value));
      }
    }
    all.in().expectEnd();
    if (!given) {
      throw NumberScanner.unexpected();
    }
  }

  private void readFully(byte[] json, ByteBudget.Reservation memory) {
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
          readInputs(in, json.length, memory);
        } else {
          readMember(name, in);
        }
      }
      in.expectEnd();
      if (!given) {
        throw ServiceException.invalid("/inputs", "'inputs' is required: a list of tensors");
      }
    }
  }

  private void readMember(String name, JsonStream in) {
    switch (name) {
      case "id" -> id = text(in, "/id");
      case "parameters" -> {
        JsonNode parameters = in.tree(MOST_VALUES, "/parameters");
        binaryByDefault = parameters.path("binary_data_output").asBoolean(false);
        threshold = parameters.get("threshold");
      }
      case "outputs" -> readOutputs(in.tree(MOST_VALUES, "/outputs"));
      default -> in.skip();
    }
  }

  private static String text(JsonStream in, String pointer) {
    if (in.current() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (in.current() != JsonToken.VALUE_STRING) {
      throw ServiceException.invalid(pointer, "A text was expected, got " + in.describe(pointer));
    }
    return in.text();
  }

  private void readInputs(JsonStream in, int length, ByteBudget.Reservation memory) {
    if (in.current() != JsonToken.START_ARRAY) {
      throw ServiceException.invalid(
          "/inputs", "A list of tensors was expected, got " + in.describe("/inputs"));
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
      inputs.get(index++).read(in, length, memory);
    }
  }

  private void readOutputs(JsonNode given) {
    if (given.isNull()) {
      return;
    }
    if (!given.isArray()) {
      throw ServiceException.invalid(
          "/outputs", "A list of outputs was expected, got " + JsonObject.describe(given));
    }
    if (given.size() > MOST_OUTPUTS) {
      throw ServiceException.invalid(
          "/outputs",
          "At most %d outputs were expected, got %d".formatted(MOST_OUTPUTS, given.size()));
    }
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      JsonNode name = given.get(i).path("name");
      if (!name.isString()) {
        throw ServiceException.invalid(
            Violation.pointer("/outputs", i), "An object with a 'name' was expected");
      }
      JsonNode binary = given.get(i).path("parameters").path("binary_data");
      asked.add(
          new Asked(
              name.stringValue(), binary.isBoolean() ? (Boolean) binary.booleanValue() : null));
    }
    outputs = asked;
  }
}
