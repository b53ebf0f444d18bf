package io.trainyard.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  /** The example of the W3C recommendation. */
  private static final String EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static TraceContext parsed(String header) {
    return Objects.requireNonNull(TraceContext.parse(header));
  }

  @Test
  void headerIsReadAndWritten() {
    TraceContext context = parsed(EXAMPLE);
    assertThat(context)
        .isEqualTo(new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true));
    assertThat(context.header()).isEqualTo(EXAMPLE);
    assertThat(parsed(EXAMPLE.replaceAll("01$", "02")).sampled()).isFalse();
    assertThat(TraceContext.parse("cc" + EXAMPLE.substring(2) + "-more"))
        .as("a later version")
        .isEqualTo(context);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01"
      })
  void malformedHeaderIsNone(String header) {
    assertThat(TraceContext.parse(header)).isNull();
  }

  @Test
  void childIsAnotherSpanOfTheSameTrace() {
    TraceContext root = TraceContext.root(true);
    assertThat(TraceContext.parse(root.header())).isEqualTo(root);
    assertThat(root.child().traceId()).isEqualTo(root.traceId());
    assertThat(root.child().spanId()).isNotEqualTo(root.spanId());
    assertThat(TraceContext.root(false).sampled()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "a\nb", "ä"})
  void idThatWouldSpoilALogIsReplaced(String given) {
    assertThat(RequestId.of(given)).matches("[0-9a-f]{32}");
  }

  @Test
  void saneIdIsKept() {
    assertThat(RequestId.of("c0ffee-1:2/3_4=")).isEqualTo("c0ffee-1:2/3_4=");
    assertThat(RequestId.of("x".repeat(129))).matches("[0-9a-f]{32}");
    assertThat(RequestId.of(null)).isNotEqualTo(RequestId.of(null));
  }

  @Test
  void tracesAreOffWithoutACollector() {
    assertThat(Spans.of(new TraceProperties(null, 1, Map.of()), "1")).isSameAs(Spans.OFF);
    assertThat(Spans.of(new TraceProperties(URI.create(""), 1, Map.of()), "1")).isSameAs(Spans.OFF);
    assertThat(Spans.OFF.sample()).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TraceProperties(URI.create("collector:4318"), 1, Map.of()))
        .withMessageContaining("http://collector:4318/v1/traces");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TraceProperties(null, Double.NaN, Map.of()));
  }
}
