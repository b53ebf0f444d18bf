package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

class OpenApiControllerTest {
  private final AtomicInteger made = new AtomicInteger();

  private final RequestMappingHandlerMapping mappings =
      new RequestMappingHandlerMapping() {
        @Override
        public Map<RequestMappingInfo, HandlerMethod> getHandlerMethods() {
          made.incrementAndGet();
          try {
            Thread.sleep(100);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return Map.of();
        }
      };

  /** It takes seconds of a cold process and much memory: callers who ask at once wait for one. */
  @Test
  void theDocumentIsMadeOnceForAllWhoAskAtOnce() throws Exception {
    OpenApiController controller =
        new OpenApiController(
            new StaticListableBeanFactory(Map.of("mappings", mappings))
                .getBeanProvider(RequestMappingHandlerMapping.class),
            null);
    Callable<byte[]> ask = () -> controller.document().getBody();
    try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
      List<Future<byte[]>> answers = callers.invokeAll(List.of(ask, ask, ask, ask));
      for (Future<byte[]> answer : answers) {
        assertThat(answer.get()).isSameAs(answers.getFirst().get()).isNotEmpty();
      }
    }
    assertThat(made).hasValue(1);
  }
}
