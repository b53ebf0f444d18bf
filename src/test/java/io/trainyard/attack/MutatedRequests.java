package io.trainyard.attack;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sends many mutated requests to operations and gathers the answers that break a rule. */
final class MutatedRequests {
  private static final int MAX_FAULTS = 20;

  private final Http http;
  private final Wire wire;
  private final List<List<Operations.Operation>> sources;

  /** Requests from several sources, each of which gives as many as another. */
  MutatedRequests(Http http, List<List<Operations.Operation>> sources) {
    this.http = http;
    wire = new Wire(http);
    this.sources = sources;
  }

  /** The seed of a run: of system property {@code attack.seed}, or another one in each run. */
  static long seed() {
    String given = System.getProperty("attack.seed", "");
    long seed = given.isEmpty() ? new SplittableRandom().nextInt(1 << 30) : Long.parseLong(given);
    System.out.println("-Dattack.seed=" + seed);
    return seed;
  }

  /** A request that follows from the seed alone. */
  Request request(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Mutations(random).of(operation(random), "seed " + seed);
  }

  /** An operation of any source. */
  Operations.Operation operation(SplittableRandom random) {
    List<Operations.Operation> source = sources.get(random.nextInt(sources.size()));
    return source.get(random.nextInt(source.size()));
  }

  /** Sends the requests of {@code count} seeds from {@code first}; gives what broke a rule. */
  List<String> send(long first, int count) {
    List<String> faults = new ArrayList<>();
    for (long seed = first; seed < first + count && faults.size() < MAX_FAULTS; seed++) {
      Request request = request(seed);
      // Deletions would leave the other requests without a resource.
      if (!request.method().equals("DELETE") || seed % 8 == 0) {
        Exchange exchange = wire.send(request);
        exchange.fault().ifPresent(fault -> faults.add(request + "\n  " + fault));
        cancelJob(exchange);
      }
    }
    return faults;
  }

  private void cancelJob(Exchange exchange) {
    String location = exchange.header("location");
    if (exchange.status() == 202 && location.contains("/v1/jobs/")) {
      http.post(location.replaceFirst("^https?://[^/]+", "") + "/cancel");
    }
  }
}
