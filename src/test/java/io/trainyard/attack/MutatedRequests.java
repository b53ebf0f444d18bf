package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sends many mutated requests to every operation and gathers the answers that break a rule. */
public final class MutatedRequests {
  private static final int MAX_FAULTS = 20;

  private final Http http;
  private final List<String> faults = new ArrayList<>();

  public MutatedRequests(Http http) {
    this.http = http;
  }

  /** Sends {@code count} requests, in turn to all operations; none may break a rule. */
  public void run(int count, long seed) {
    List<Operations.Operation> operations = Operations.prepare(http);
    assertThat(operations).hasSizeGreaterThan(30);
    send(operations, count, seed);
    assertThat(faults).as("seed " + seed).isEmpty();
  }

  /** Sends {@code count} requests, in turn to the operations, and gives what broke a rule. */
  List<String> send(List<Operations.Operation> operations, int count, long seed) {
    for (int i = 0; i < count && faults.size() < MAX_FAULTS; i++) {
      Mutations mutations = new Mutations(new SplittableRandom(seed + i));
      WireRequest request = mutations.of(operations.get(i % operations.size()));
      // Deletions would leave the other requests without a resource.
      if (!request.method().equals("DELETE") || i % 8 == 0) {
        check(seed + i, request);
      }
    }
    return faults;
  }

  private void check(long seed, WireRequest request) {
    try {
      long started = System.nanoTime();
      WireRequest.Answer answer = request.send(http);
      Duration took = Duration.ofNanos(System.nanoTime() - started);
      AnswerRules.fault(request, answer)
          .ifPresent(fault -> faults.add(report(seed, fault, request, answer.body())));
      if (took.compareTo(Exchange.LIMIT) > 0) {
        faults.add(report(seed, "took " + took, request, ""));
      }
      if (answer.status() == 202 && answer.header("location").contains("/v1/jobs/")) {
        http.post(answer.header("location").replaceFirst("^https?://[^/]+", "") + "/cancel");
      }
    } catch (IOException e) {
      faults.add(report(seed, e.toString(), request, ""));
    }
  }

  private static String report(long seed, String fault, WireRequest request, String answer) {
    String shown = answer.length() > 500 ? answer.substring(0, 500) : answer;
    return seed + ": " + fault + "\n  " + request + "\n  " + shown;
  }
}
