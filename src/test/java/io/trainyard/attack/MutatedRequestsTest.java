package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Mutated requests to every operation: no fault of the service, every refusal is a problem, and no
 * problem tells of libraries, Java or this machine.
 */
@ServiceTest
class MutatedRequestsTest {
  @Autowired private Http http;

  @Test
  @Timeout(120)
  void mutatedRequestsGetProblems() {
    assertThat(documented().send(1, Cases.all() ? 1_500 : 150)).isEmpty();
  }

  @Test
  @Tag("attack")
  @Timeout(3_600)
  void manyMutatedRequestsGetProblems() {
    long seed = MutatedRequests.seed();
    assertThat(documented().send(seed, Integer.getInteger("attack.requests", 50_000)))
        .as("-Dattack.seed=" + seed)
        .isEmpty();
  }

  private MutatedRequests documented() {
    List<Operations.Operation> operations = Operations.prepare(http);
    assertThat(operations).hasSizeGreaterThan(30);
    return new MutatedRequests(http, List.of(operations));
  }

  @Test
  void everySourceGivesAFairShare() throws IOException {
    List<List<Operations.Operation>> sources =
        List.of(Operations.prepare(http), ExampleRequests.examples(), ExampleRequests.golden());
    MutatedRequests requests = new MutatedRequests(http, sources);
    List<Operations.Operation> chosen =
        LongStream.range(5, 605)
            .mapToObj(seed -> requests.operation(new SplittableRandom(seed)))
            .toList();
    assertThat(sources)
        .allSatisfy(
            source -> assertThat(chosen).filteredOn(source::contains).hasSizeGreaterThan(150));
  }

  @Test
  void seedAloneDecidesARequest() throws IOException {
    List<List<Operations.Operation>> sources =
        List.of(ExampleRequests.examples(), ExampleRequests.golden());
    List<String> first = requests(new MutatedRequests(http, sources));
    assertThat(requests(new MutatedRequests(http, sources))).isEqualTo(first);
    assertThat(first).doesNotHaveDuplicates();
  }

  private static List<String> requests(MutatedRequests requests) {
    return LongStream.range(0, 100).mapToObj(requests::request).map(Request::toString).toList();
  }
}
