package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Callers that request events and do not read them. */
@ServiceTest
@TestPropertySource(properties = "server.tomcat.connection-timeout=2s")
@Timeout(120)
class SlowReaderTest {
  private static final int READERS = 20;

  /** More events than fit into the buffers of the sockets. */
  private static final int EPOCHS = 20_000;

  @Autowired private Http http;
  private final List<Socket> readers = new ArrayList<>();

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  @AfterEach
  void close() throws IOException {
    for (Socket reader : readers) {
      reader.close();
    }
  }

  private String submitted() {
    return http.submit(
        """
        {"model": {"name": "slow-reader", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 2}, {"type": "dense", "units": 2},
            {"type": "dense", "units": 2}, {"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": %d,
          "metrics": ["accuracy", "precision", "recall", "f1", "mcc", "log_loss"],
          "diagnostics": ["gradient_norms", "weight_norms", "update_ratios"]}}
        """
            .formatted(EPOCHS));
  }

  private void ask(String job) throws IOException {
    readers.add(http.open("GET " + job + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n", 4_096));
  }

  @Test
  @Tag("slow")
  void slowReadersDelayNobodyAndAreDisconnected() throws Exception {
    String job = submitted();
    for (int i = 0; i < READERS; i++) {
      ask(job);
    }
    String seen = http.get(job + "/events").expect(200).text();
    assertThat(seen).contains("event: done", "\"epochs\":" + EPOCHS);
    // A reader who falls behind finds what is kept of a long job.
    assertThat(seen.lines().filter(line -> line.equals("event: epoch"))).hasSizeGreaterThan(5_000);
    assertThat(seen.lines().filter(line -> line.startsWith("id: ")).map(line -> line.substring(4)))
        .extracting(Long::valueOf)
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(http.await(job, Duration.ofSeconds(1)).get("state").stringValue())
        .isEqualTo("succeeded");
    // They read only now: what was in the buffers, and then the end of the stream.
    for (Socket reader : readers) {
      String got = rest(reader.getInputStream());
      assertThat(got).startsWith("HTTP/1.1 200").contains("id: 1\n").doesNotContain("event: done");
      assertThat(got.lines().filter(line -> line.equals("event: epoch")).count())
          .isBetween(1L, EPOCHS - 1L);
    }
  }

  private static String rest(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
