package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonBytesTest {
  private final JsonMapper mapper = JsonMapper.builder().build();
  private final Random random = new Random(5);

  @Test
  void escapesTextsSoThatTheyAreReadBack() {
    for (int i = 0; i < 2_000; i++) {
      String text =
          random
              .ints(random.nextInt(8), 0, i % 2 == 0 ? 128 : 0x10FFFF)
              .filter(c -> c < 0xD800 || c > 0xDFFF)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      String json = new String(JsonBytes.quoted(text), StandardCharsets.UTF_8);
      assertThat(mapper.readTree(json).asString()).isEqualTo(text);
    }
    assertThat(JsonBytes.quoted("a\"\\\n\u0001ü"))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("\"a\\\"\\\\\\n\\u0001ü\"");
  }

  @Test
  void quotesTextsOfAnyLengthAsAWhole() {
    for (int length : new int[] {65_533, 65_534, 65_535, 65_536, 200_000}) {
      String text = "x".repeat(length);
      assertThat(new String(JsonBytes.quoted(text), StandardCharsets.UTF_8))
          .isEqualTo('"' + text + '"');
    }
  }

  @Test
  void writesNumbersAsJacksonDoes() throws IOException {
    for (int i = 0; i < 2_000; i++) {
      float single = Float.intBitsToFloat(random.nextInt());
      double twice = Double.longBitsToDouble(random.nextLong());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      JsonBytes json = new JsonBytes(out);
      json.raw('[');
      json.number(single);
      json.raw(',');
      json.number(twice);
      json.raw(',');
      json.number(random.nextLong());
      json.raw(']');
      json.finish();
      assertThat(mapper.readTree(out.toByteArray()).get(0).toString())
          .isEqualTo(mapper.writeValueAsString(single));
      assertThat(out.toString(StandardCharsets.UTF_8))
          .startsWith(
              "["
                  + mapper.writeValueAsString(single)
                  + ","
                  + mapper.writeValueAsString(twice)
                  + ",");
    }
  }

  @Test
  void keepsAShortTextAndSendsALongOnePieceByPiece() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonBytes json = new JsonBytes(out);
    byte[] piece = JsonBytes.plain("0123456789");
    for (int i = 0; i < 6_000; i++) {
      json.raw(piece);
    }
    assertThat(json.isWhole()).isTrue();
    assertThat(json.size()).isEqualTo(60_000);
    assertThat(out.size()).isZero();
    for (int i = 0; i < 6_000; i++) {
      json.raw(piece);
    }
    json.raw(new byte[200_000]);
    assertThat(json.isWhole()).isFalse();
    json.finish();
    assertThat(out.size()).isEqualTo(320_000);
    assertThat(new String(out.toByteArray(), 0, 120_000, StandardCharsets.US_ASCII))
        .isEqualTo("0123456789".repeat(12_000));
  }
}
