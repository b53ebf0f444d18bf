package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.trainyard.Http;
import io.trainyard.process.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends the same generated requests to the jar of {@code -Dold.jar} and to today's and compares
 * status, type and body of the answers. After a change that callers must not notice, they agree.
 * Both jars must have the same OpenAPI document, since each side draws its requests from its own.
 */
@Tag("attack")
class SameAnswersIT {
  private static final JsonMapper JSON = new JsonMapper();

  /** Ids, times, hosts, keys, and hashes of files that hold them: other ones in each run. */
  private static final Pattern CHANCE =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{64}|[0-9a-f]{32}|\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z?"
              + "|(localhost|127\\.0\\.0\\.1):\\d+|ty_\\w+");

  /** Members whose values are drawn or measured. */
  private static final Set<String> MEASURED = Set.of("seed", "resident", "ns", "last_inference");

  /** Paths whose answers follow from the machine's speed, or hold bytes with times in them. */
  private static final Pattern UNSTEADY =
      Pattern.compile("/(actuator|metrics|v1/(status|usage|workers)).*|.*/(events|archive).*");

  @TempDir private Path oldData;
  @TempDir private Path newData;

  @Test
  void answersAreThoseOfAnOlderJar() throws IOException {
    String oldJar = System.getProperty("old.jar", "");
    assumeFalse(oldJar.isEmpty(), "no -Dold.jar to compare with");
    int count = Integer.getInteger("attack.requests", 600);
    long first = MutatedRequests.seed();
    try (ServiceProcess old = start(oldJar, oldData);
        ServiceProcess today = start(System.getProperty("trainyard.jar"), newData)) {
      Answers before = new Answers(old.http());
      Answers after = new Answers(today.http());
      List<String> differences = new ArrayList<>();
      for (long seed = first; seed < first + count; seed++) {
        Request request = after.requests.request(seed);
        String expected = before.to(seed);
        String actual = after.to(seed);
        if (!expected.equals(actual)) {
          differences.add("%s%n  old: %s%n  new: %s".formatted(request, expected, actual));
          System.out.println(differences.getLast());
        }
      }
      assertThat(differences).as("-Dattack.seed=" + first).isEmpty();
    }
  }

  private static ServiceProcess start(String jar, Path data) throws IOException {
    ServiceProcess service = ServiceProcess.startJar(Path.of(jar), data, List.of());
    AttackedService.prepare(service.http());
    return service;
  }

  /** The answers of one service. */
  private static final class Answers {
    private final Http http;
    private final Wire wire;
    private final MutatedRequests requests;

    Answers(Http http) throws IOException {
      this.http = http;
      wire = new Wire(http);
      requests = new MutatedRequests(http, AttackedServiceIT.sources(http));
    }

    /** The answer to the request of a seed, without what chance and speed decide. */
    String to(long seed) {
      Request request = requests.request(seed);
      if (UNSTEADY.matcher(request.target()).matches()) {
        return "";
      }
      Exchange exchange = wire.send(request);
      String location = exchange.header("location");
      if (exchange.status() == 202 && location.contains("/v1/jobs/")) {
        String job = location.replaceFirst("^https?://[^/]+", "");
        http.post(job + "/cancel");
        http.get(job + "?wait=60");
      }
      return exchange.status() + " " + exchange.header("content-type") + " " + steady(exchange);
    }

    private static String steady(Exchange exchange) {
      String text = exchange.text();
      if (exchange.header("content-type").contains("json")) {
        try {
          JsonNode body = JSON.readTree(text);
          forget(body);
          text = body.toString();
        } catch (JacksonException lines) {
          // It is compared as text.
        }
      }
      return Request.shortened(CHANCE.matcher(text).replaceAll("…"), 20_000);
    }

    private static void forget(JsonNode node) {
      if (node instanceof ObjectNode object) {
        object.remove(MEASURED);
        object.forEach(Answers::forget);
      } else if (node instanceof ArrayNode array) {
        array.forEach(Answers::forget);
      }
    }
  }
}
