package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;

/** Handlers get the same arguments by the direct way as by Spring's. */
class DirectCallsTest {
  private static final List<String> DIRECT = List.of("path", "defaults", "renamed");

  private final DirectCalls calls = new DirectCalls();
  private final Handlers handlers = new Handlers();

  @RestController
  @SuppressWarnings("unused")
  private static final class Handlers {
    private List<@Nullable Object> got = List.of();

    private void got(@Nullable Object... arguments) {
      got = Arrays.asList(arguments);
    }

    void path(
        @PathVariable String model,
        @PathVariable(required = false) @Nullable String version,
        HttpServletRequest request,
        HttpServletResponse response) {
      got(model, version, request, response);
    }

    void renamed(HttpServletResponse response, @PathVariable(name = "model") String other) {
      got(response, other);
    }

    void defaults(
        @RequestParam(required = false) @Nullable String output,
        @RequestParam(required = false) @Nullable Double timeout,
        @RequestParam(defaultValue = "true") boolean on,
        @RequestParam(name = "is_off", defaultValue = "false") boolean off,
        HttpServletResponse response) {
      got(output, timeout, on, off, response);
    }

    void fails(@PathVariable String model, HttpServletResponse response) throws IOException {
      throw new IOException(model);
    }

    void number(@RequestParam(defaultValue = "7") int count, HttpServletResponse response) {
      got(count, response);
    }

    void header(@RequestHeader("Accept") String accept, HttpServletResponse response) {
      got(accept, response);
    }

    void all(@RequestParam Map<String, String> query, HttpServletResponse response) {
      got(query, response);
    }

    void longVariable(@PathVariable long id, HttpServletResponse response) {
      got(id, response);
    }

    @ResponseStatus(HttpStatus.ACCEPTED)
    void status(HttpServletResponse response) {
      got(response);
    }
  }

  @BeforeEach
  void start() {
    calls.setApplicationContext(new StaticApplicationContext());
    calls.afterPropertiesSet();
  }

  private static Stream<Method> methods() {
    return Arrays.stream(Handlers.class.getDeclaredMethods())
        .filter(each -> !each.isSynthetic())
        .filter(each -> !List.of("got", "fails").contains(each.getName()));
  }

  private MockHttpServletRequest call(Method method, @Nullable String query) throws Exception {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/models/a/predict");
    request.setQueryString(query);
    request.addHeader("Accept", "application/json");
    request.setAttribute(
        HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE, Map.of("model", "a", "id", "3"));
    MockHttpServletResponse response = new MockHttpServletResponse();
    assertThat(calls.handle(request, response, new HandlerMethod(handlers, method))).isNull();
    handlers.got =
        handlers.got.stream()
            .map(
                got ->
                    switch (got) {
                      case HttpServletRequest _ -> "request";
                      case HttpServletResponse _ -> "response"; // Spring may wrap it
                      case null, default -> got;
                    })
            .toList();
    assertThat(response.getStatus()).isEqualTo(method.getName().equals("status") ? 202 : 200);
    return request;
  }

  @Test
  void argumentsAreThoseOfSpring() throws Exception {
    for (Method method : methods().toList()) {
      call(method, "");
      List<@Nullable Object> springs = handlers.got;
      handlers.got = List.of();
      call(method, null);
      assertThat(handlers.got).as(method.getName()).isEqualTo(springs).isNotEmpty();
    }
  }

  @Test
  void onlySimpleHandlersAreCalledDirectly() throws Exception {
    for (Method method : methods().toList()) {
      assertThat(goesSpringsWay(call(method, null)))
          .as(method.getName())
          .isNotEqualTo(DIRECT.contains(method.getName()));
      assertThat(goesSpringsWay(call(method, ""))).as(method.getName()).isTrue();
    }
  }

  private static boolean goesSpringsWay(MockHttpServletRequest request) {
    return request.getAttribute(WebAsyncUtils.WEB_ASYNC_MANAGER_ATTRIBUTE) != null;
  }

  @Test
  void failureIsTheHandlersOwn() throws NoSuchMethodException {
    Method fails =
        Handlers.class.getDeclaredMethod("fails", String.class, HttpServletResponse.class);
    assertThatThrownBy(() -> call(fails, null))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("a");
    assertThatThrownBy(() -> call(fails, ""))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("a");
  }
}
