package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.Outage;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.transaction.TransactionSystemException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class FallbackErrorControllerTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final ProblemWriter writer = new ProblemWriter(MAPPER);
  private final FallbackErrorController errors =
      new FallbackErrorController(
          new ProblemAdvice(writer, Problem::title, List.of(Outage::classify)), writer);

  private MockHttpServletResponse answer(Throwable failure) throws Exception {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/error");
    request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, failure);
    request.setAttribute(RequestDispatcher.ERROR_REQUEST_URI, "/v1/jobs");
    MockHttpServletResponse response = new MockHttpServletResponse();
    errors.answer(request, response);
    return response;
  }

  @Test
  void outageBeforeTheControllersIs503() throws Exception {
    MockHttpServletResponse response =
        answer(
            new CannotGetJdbcConnectionException(
                "no connection", new SQLTransientConnectionException("refused")));
    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.getHeader("Retry-After")).isEqualTo("1");
    assertThat(MAPPER.readTree(response.getContentAsByteArray()).get("instance").stringValue())
        .isEqualTo("/v1/jobs");
  }

  @Test
  void refusalThatKnowsItsEndSaysIt() throws Exception {
    var refused = new ServiceException(ErrorCode.LOADING, "Two others", Duration.ofSeconds(7));
    MockHttpServletResponse response = new MockHttpServletResponse();
    new ProblemAdvice(writer, Problem::title, List.of())
        .answer(refused, new MockHttpServletRequest("GET", "/v1/models"), response);
    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.getHeader("Retry-After")).isEqualTo("7");
  }

  @Test
  void outageInATransactionIs503() throws Exception {
    assertThat(answer(new TransactionSystemException("JDBC rollback failed")).getStatus())
        .isEqualTo(503);
    assertThat(answer(new RecoverableDataAccessException("try again")).getStatus()).isEqualTo(503);
  }

  @Test
  void failureInsideAServletExceptionIsTheOneThatCounts() throws Exception {
    var refused = new ServiceException(ErrorCode.CONFLICT, "Somebody was faster");
    assertThat(answer(new ServletException(refused)).getStatus()).isEqualTo(409);
  }
}
