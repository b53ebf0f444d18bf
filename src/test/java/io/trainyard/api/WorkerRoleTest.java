package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.TestPropertySource;

/** A process that only trains. */
@ServiceTest
@TestPropertySource(properties = "trainyard.roles=worker")
@Timeout(60)
class WorkerRoleTest {
  @Autowired private Http http;
  @Autowired private ApplicationContext context;

  @Test
  void servesOnlyHealthAndMetrics() {
    Http.Answer refused = http.get("/v1/jobs").expect(404);
    assertThat(refused.contentType()).isEqualTo("application/problem+json");
    assertThat(refused.json().get("detail").stringValue()).contains("only trains");
    http.post("/v1/models/m/predict", "{}").expect(404);
    http.get("/actuator/health/liveness").expect(200);
    http.get("/livez").expect(200);
    http.get("/readyz").expect(200);
    http.get("/v2/health/live").expect(404);
    assertThat(http.get("/actuator/prometheus").expect(200).text()).contains("trainyard_jobs");
  }

  @Test
  void hasNoGrpcServer() {
    assertThat(context.getBeanNamesForType(GrpcServerLifecycle.class)).isEmpty();
  }
}
