package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * A large body is answered within seconds, however it is made. Profile {@code slow} sends every
 * kind of body, {@code verify} some.
 */
@ServiceTest
class LargeBodiesTest {
  /** Far above the seconds that a body takes: what is quadratic takes minutes. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A summary has about 500 bytes for each of at most 2,000 layers. */
  private static final int LONGEST_ANSWER = 2_000 * 550;

  private static final int SAMPLE = LONGEST_ANSWER + 100_000;
  private static final int LARGEST = (16 << 20) - 1_000;

  @Autowired private Http http;

  static List<LargeBodies.Kind> kinds() {
    return Cases.sample(LargeBodies.kinds(), 6);
  }

  static List<LargeBodies.Kind> all() {
    return LargeBodies.kinds();
  }

  static List<LargeBodies.Kind> largestModels() {
    return Cases.sample(LargestModels.all(), 4);
  }

  static List<LargeBodies.Kind> models() {
    return Cases.sample(LargeBodies.models(), 10);
  }

  @ParameterizedTest
  @MethodSource("largestModels")
  @Timeout(120)
  void largestModelIsValid(LargeBodies.Kind kind) {
    Exchange exchange = answer(kind, 1);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    assertThat(exchange.text()).contains("\"valid\":true");
  }

  /** Other tests of this service may delete or replace a sample. */
  @BeforeAll
  static void upload(@Autowired Http http) throws IOException {
    http.upload("large-iris", Files.readString(Path.of("src", "examples", "iris", "iris.csv")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  @Timeout(120)
  void bodyOfAMegabyteIsAnswered(LargeBodies.Kind kind) {
    answer(kind, SAMPLE);
  }

  @ParameterizedTest
  @MethodSource("models")
  @Timeout(120)
  void storedModelOfAMegabyteIsAnswered(LargeBodies.Kind kind) {
    answer(kind, SAMPLE);
  }

  @ParameterizedTest
  @MethodSource("models")
  @Timeout(120)
  void importedModelOfAMegabyteIsAnswered(LargeBodies.Kind kind) {
    long started = System.nanoTime();
    Http.Answer answer =
        new Multipart()
            .part("spec", kind.ofBytes(SAMPLE))
            .part("weights", file("{}"))
            .post(http, "/v1/models/large/versions");
    checkLength(kind, answer.text(), started, LONGEST_ANSWER);
    assertThat(answer.status()).as(kind.name()).isIn(201, 413, 422);
  }

  @Test
  @Timeout(120)
  void longTextIsNotRepeated() {
    Cases.sample(LongTexts.kinds(), 4).forEach(kind -> answer(kind, SAMPLE, LONGEST_ANSWER));
  }

  @ParameterizedTest
  @MethodSource("all")
  @Tag("attack")
  @Timeout(300)
  void largestBodyIsAnswered(LargeBodies.Kind kind) {
    answer(kind, LARGEST / 2);
    answer(kind, LARGEST);
  }

  /** A validation answers the model and the training too, with recipes expanded. */
  private Exchange answer(LargeBodies.Kind kind, int bytes) {
    return answer(kind, bytes, LONGEST_ANSWER + (kind.path().endsWith(":validate") ? bytes : 0));
  }

  private Exchange answer(LargeBodies.Kind kind, int bytes, int most) {
    Request request = Request.json(kind.name(), kind.path(), kind.ofBytes(bytes));
    long started = System.nanoTime();
    Exchange exchange = new Wire(http).send(request);
    checkLength(kind, exchange.text(), started, most);
    assertThat(exchange.fault()).as(kind.name()).isEmpty();
    return exchange;
  }

  private static void checkLength(LargeBodies.Kind kind, String answer, long started, int most) {
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    assertThat(took).as(kind.name()).isLessThan(LIMIT);
    // At most 100 faults are listed, each with a detail of some lines.
    assertThat(answer.length()).as(kind.name()).isLessThan(most);
  }

  @Test
  @Timeout(120)
  void weightsOfManyTensorsAreAnswered() {
    String header =
        IntStream.range(0, 100_000)
            .mapToObj(
                i -> "\"t%d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}".formatted(i))
            .collect(Collectors.joining(",", "{", "}"));
    long started = System.nanoTime();
    Http.Answer answer =
        new Multipart()
            .part("spec", manyLayers())
            .part("weights", file(header))
            .post(http, "/v1/models/many-tensors/versions");
    answer.expect(422);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LIMIT);
  }

  /** A file of weights without data. */
  private static byte[] file(String header) {
    byte[] json = Http.utf8(header);
    return ByteBuffer.allocate(8 + json.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static String manyLayers() {
    return IntStream.range(0, 2_000)
        .mapToObj(i -> "{\"type\":\"dense\",\"units\":1}")
        .collect(
            Collectors.joining(
                ",",
                "{\"name\":\"many-tensors\",\"network\":{\"inputs\":{\"x\":{\"shape\":[1]}},\"layers\":[",
                "]}}"));
  }
}
