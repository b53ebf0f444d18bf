package io.trainyard.api.infer;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonStream;
import io.trainyard.json.StrictJson;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.request.BinaryTensor;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.GivenShape;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.predict.request.NumberScanner;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** One input of an inference request: {@code {name, shape, datatype, data}}. */
final class InferInput {
  private static final int MOST_PARAMETERS = 1000;

  /** The values of a shape that are read, so that most that are too long get their own reason. */
  private static final int MOST_SHAPE = 20_000;

  private final int index;

  /** The members that were given, also those with a fault. */
  private final Set<String> given = new HashSet<>();

  private Violations violations = new Violations();
  private @Nullable String name;
  private @Nullable Shape shape;
  private @Nullable DataType type;
  private int binary = -1;
  private @Nullable HostTensor numbers;
  private @Nullable List<String> texts;
  private final BitSet missing = new BitSet();
  private final BitSet rounded = new BitSet();
  private boolean deferred;

  InferInput(int index) {
    this.index = index;
  }

  /** Whether its data stood before its shape or type, so that it must be read again. */
  boolean isDeferred() {
    return deferred;
  }

  String name() {
    return Objects.requireNonNull(name);
  }

  boolean isUnnamed() {
    return name == null;
  }

  Violations violations() {
    return violations;
  }

  String shownName() {
    return name == null ? "" : JsonObject.shorten(name);
  }

  /** The bytes of its binary tensor; 0 without one. */
  int binaryLength() {
    return Math.max(0, binary);
  }

  void refuse(String member, String detail) {
    violations.add(Violation.pointer(pointer(), member), detail);
  }

  private String pointer() {
    return Violation.pointer("/inputs", index);
  }

  /**
   * Reads the object, or reads it again to get at its data. It is of use when there are no
   * violations.
   *
   * @param length the bytes of the whole JSON, which bound the data
   */
  void read(JsonStream in, int length, ByteBudget.Reservation memory, Violations violations) {
    this.violations = violations;
    if (in.current() != JsonToken.START_OBJECT) {
      violations.add(pointer(), "An object was expected, got " + in.describe(pointer()));
      in.skip();
      return;
    }
    boolean again = deferred;
    deferred = false;
    while (in.next() != JsonToken.END_OBJECT) {
      String member = in.name();
      in.next();
      if (!member.equals("data")) {
        readMember(member, in);
        continue;
      }
      given.add(member);
      if (shape == null || type == null) {
        deferred = true;
        if (in.current() != JsonToken.START_ARRAY) {
          refuse("data", "A list was expected, got " + in.describe(pointer()));
        }
        in.skip();
      } else if (again || (numbers == null && texts == null)) {
        readData(in, shape, type, length, memory);
      } else {
        in.skip();
      }
    }
    requireMembers();
  }

  /**
   * As {@link #read}, for an input whose data are numbers behind their shape and type.
   *
   * @throws Unexpected for others, and for some faults; the input is of no use then
   */
  void readPlainly(PlainObject members, ByteBudget.Reservation memory, Violations violations)
      throws Unexpected {
    this.violations = violations;
    for (String member = members.next(); member != null; member = members.next()) {
      if (member.equals("data")) {
        if (shape == null || type == null) {
          throw NumberScanner.unexpected();
        }
        given.add(member);
        numbers = new TensorNumbers(members.in(), type).read(shape, memory);
      } else {
        String name = member;
        members.value(value -> readMember(name, value));
      }
    }
    requireMembers();
  }

  private void readMember(String member, JsonStream in) {
    given.add(member);
    switch (member) {
      case "name" -> name = text(in, "name");
      case "datatype" -> {
        String word = text(in, "datatype");
        type = word == null ? null : type(word);
      }
      case "shape" -> shape = shape(in.tree(MOST_SHAPE, pointer() + "/shape"));
      case "parameters" -> readParameters(in.tree(MOST_PARAMETERS, pointer() + "/parameters"));
      default -> in.skip();
    }
  }

  private void requireMembers() {
    for (String member : List.of("name", "shape", "datatype")) {
      if (!given.contains(member)) {
        refuse(member, "'" + member + "' is required");
      }
    }
    boolean hasData = given.contains("data");
    if (hasData == (binary >= 0)) {
      refuse(
          "data",
          hasData
              ? "Either 'data' or 'binary_data_size' was expected, got both"
              : "'data' is required, or the parameter 'binary_data_size'");
    }
  }

  private @Nullable String text(JsonStream in, String member) {
    if (in.current() != JsonToken.VALUE_STRING) {
      refuse(member, "A text was expected, got " + in.describe(pointer()));
      in.skip();
      return null;
    }
    return in.text();
  }

  private @Nullable DataType type(String word) {
    DataType found = DataType.of(word).orElse(null);
    if (found == null) {
      refuse(
          "datatype",
          "One of %s was expected, got '%s'"
              .formatted(
                  Stream.of(DataType.values()).map(Enum::name).collect(Collectors.joining(", ")),
                  JsonObject.shorten(word)));
    }
    return found;
  }

  private @Nullable Shape shape(JsonNode given) {
    boolean whole =
        given.isArray()
            && IntStream.range(0, given.size())
                .allMatch(i -> given.get(i).isIntegralNumber() && given.get(i).canConvertToLong());
    if (!whole) {
      refuse(
          "shape",
          "A list of whole numbers was expected, got "
              + (given.isArray()
                  ? JsonObject.shorten(given.toString())
                  : JsonObject.describe(given)));
      return null;
    }
    try {
      return GivenShape.of(
          IntStream.range(0, given.size()).mapToObj(i -> given.get(i).longValue()).toList(),
          Violation.pointer(pointer(), "shape"));
    } catch (ServiceException e) {
      violations.addAll(e.violations());
      return null;
    }
  }

  private void readParameters(JsonNode parameters) {
    JsonNode size = parameters.path("binary_data_size");
    if (size.isMissingNode()) {
      return;
    }
    if (!size.isInt() || size.intValue() < 0) {
      refuse(
          "parameters",
          "binary_data_size was expected to be a number of bytes, got "
              + JsonObject.describe(size));
      return;
    }
    binary = size.intValue();
  }

  private void readData(
      JsonStream in, Shape whole, DataType each, int length, ByteBudget.Reservation memory) {
    if (in.current() != JsonToken.START_ARRAY) {
      refuse("data", "A list was expected, got " + in.describe(pointer()));
      in.skip();
      return;
    }
    long elements = whole.elements();
    // Each element takes a character and a comma, so that a short body cannot ask for much memory.
    if (elements > length / 2L + 1) {
      refuse(
          "data", "The shape %s has %d elements, the data have fewer".formatted(whole, elements));
      in.skip();
      return;
    }
    if (each == DataType.BYTES) {
      memory.add(elements, BinaryTensor.TEXT_BYTES, "input");
      texts = new ArrayList<>((int) elements);
    } else {
      memory.add(elements, each.inJson().bytes(), "input");
      numbers = HostTensor.allocate(each.inJson(), whole);
    }
    missing.clear();
    rounded.clear();
    long before = violations.count();
    long count = 0;
    int depth = 1;
    while (depth > 0) {
      switch (in.next()) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        default -> {
          // The first element that does not fit says enough.
          if (count < elements && violations.count() == before) {
            put(in, each, count);
          }
          in.skip();
          count++;
        }
      }
    }
    if (count != elements) {
      refuse(
          "data",
          "The shape %s has %d elements, the data have %d".formatted(whole, elements, count));
    }
    if (violations.count() > before) {
      numbers = null;
      texts = null;
    }
  }

  private void put(JsonStream in, DataType each, long at) {
    JsonToken token = in.current();
    if (token == JsonToken.VALUE_NULL) {
      putMissing(at);
      return;
    }
    if (each == DataType.BYTES) {
      if (token != JsonToken.VALUE_STRING) {
        unfit(in, each, at);
        return;
      }
      Objects.requireNonNull(texts).add(in.text());
      return;
    }
    HostTensor into = Objects.requireNonNull(numbers);
    if (each == DataType.BOOL
        && (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE)) {
      into.setByte(at, (byte) (token == JsonToken.VALUE_TRUE ? 1 : 0));
      return;
    }
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      unfit(in, each, at);
      return;
    }
    JsonNode number = in.number();
    if (!StrictJson.isFinite(number)) {
      unfit(number, each, at);
      return;
    }
    switch (into.type()) {
      case FLOAT32 -> {
        float narrow = each.narrowed(number.doubleValue());
        if (!Float.isFinite(narrow)) {
          unfit(number, each, at);
          return;
        }
        into.setFloat(at, narrow);
        if (each.hidesRounding(number.doubleValue())) {
          rounded.set((int) at);
        }
      }
      case FLOAT64 -> into.setDouble(at, number.doubleValue());
      case BOOL -> {
        double truth = number.doubleValue();
        if (truth != 0 && truth != 1) {
          unfit(number, each, at);
          return;
        }
        into.setByte(at, (byte) truth);
      }
      default -> {
        double value = number.doubleValue();
        if (value != Math.rint(value) || !number.canConvertToLong()) {
          unfit(number, each, at);
          return;
        }
        long whole = number.isIntegralNumber() ? number.longValue() : (long) value;
        if (whole < each.smallest() || whole > each.largest()) {
          unfit(number, each, at);
          return;
        }
        into.setLong(at, whole);
      }
    }
  }

  /** A missing value; whether the model takes it is known later. */
  private void putMissing(long at) {
    missing.set((int) at);
    if (texts != null) {
      texts.add("");
    } else if (numbers != null && numbers.type() == ElementType.FLOAT32) {
      numbers.setFloat(at, Float.NaN);
    } else if (numbers != null && numbers.type() == ElementType.FLOAT64) {
      numbers.setDouble(at, Double.NaN);
    }
  }

  private void unfit(JsonStream in, DataType each, long at) {
    String got = in.describe(pointer());
    refuse("data", "Element %d is %s, not of the type %s".formatted(at, got, each));
  }

  private void unfit(JsonNode number, DataType each, long at) {
    refuse(
        "data",
        "Element %d is %s, not of the type %s".formatted(at, JsonObject.describe(number), each));
  }

  /**
   * The tensor, from the JSON or from the bytes behind it.
   *
   * @param at the place of its bytes in the body
   */
  NamedTensor tensor(byte[] body, int at, ByteBudget.Reservation memory) {
    if (binary < 0) {
      return texts == null
          ? new NamedTensor.Numbers(
              name(),
              Objects.requireNonNull(numbers),
              Objects.requireNonNull(type),
              missing,
              rounded)
          : new NamedTensor.Texts(name(), Objects.requireNonNull(shape), texts, missing);
    }
    return new BinaryTensor(
            name(),
            Objects.requireNonNull(type),
            Objects.requireNonNull(shape),
            MemorySegment.ofArray(body).asSlice(at, binary),
            pointer() + "/parameters",
            pointer() + "/data")
        .read(memory);
  }
}
