package io.trainyard.attack;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
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
    new MutatedRequests(http).run(1_500, 1);
  }

  @Test
  @Tag("attack")
  @Timeout(3_600)
  void manyMutatedRequestsGetProblems() {
    new MutatedRequests(http).run(Integer.getInteger("attack.requests", 50_000), 1_000_000);
  }
}
