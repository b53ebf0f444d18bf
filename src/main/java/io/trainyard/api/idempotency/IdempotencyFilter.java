package io.trainyard.api.idempotency;

import io.trainyard.access.Identity;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.Problem;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.ScopedRequest;
import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.IdempotencyKeys;
import io.trainyard.idempotency.IdempotencyKeys.Answer;
import io.trainyard.idempotency.IdempotencyKeys.Claim;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.util.ContentCachingResponseWrapper;
import tools.jackson.databind.json.JsonMapper;

/** Runs a call under an {@code Idempotency-Key} once; retries get its answer. */
@Component
record IdempotencyFilter(
    IdempotencyKeys keys,
    KeyedOperations operations,
    CreatedResources resources,
    @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems,
    SpoolFolder spool,
    JsonMapper mapper,
    HttpProperties properties)
    implements RequestFilter {
  private static final Logger log = LoggerFactory.getLogger(IdempotencyFilter.class);
  private static final String HEADER = "Idempotency-Key";
  private static final int MAX_KEY = 255;

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getHeader(HEADER) == null) {
      chain.doFilter(request, response);
      return;
    }
    try {
      Optional<KeyedOperations.Body> body = operations.body(request);
      if (body.isPresent()) {
        call(key(request), request, body.get(), response, chain);
        return;
      }
    } catch (IOException | RuntimeException e) {
      // Controllers have the same answers to unreadable bodies.
      if (problems.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    chain.doFilter(request, response);
  }

  private void call(
      String key,
      HttpServletRequest request,
      KeyedOperations.Body body,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    if (!keys.isKnown(key)) {
      // As without a key: no body is kept that would be refused. A retry gets its answer though.
      operations.requireRoom(request);
    }
    try (BufferedRequest buffered = buffer(request, body)) {
      switch (keys.claim(key, buffered.digest())) {
        case Claim.Fresh fresh -> run(fresh, buffered, response, chain);
        case Claim.Answered answered -> repeat(answered.answer(), response);
        case Claim.Unanswered unanswered ->
            repeat(resources.answer(unanswered.created()), response);
        case Claim.Running _ ->
            throw new ServiceException(
                ErrorCode.CONFLICT, "The first call under this Idempotency-Key is still running");
        case Claim.OtherPayload _ ->
            throw new ServiceException(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used with another payload; use a new key");
      }
    }
  }

  private BufferedRequest buffer(HttpServletRequest request, KeyedOperations.Body body)
      throws IOException {
    return switch (body) {
      case SMALL -> BufferedRequest.inMemory(request, (int) properties.maxJson().toBytes());
      case LARGE -> BufferedRequest.onDisk(request, spool);
      case PARTS -> BufferedRequest.ofParts(request, spool);
    };
  }

  /** A digest of the key and its scope: caller, method and path. */
  private static String key(HttpServletRequest request) {
    String key = request.getHeader(HEADER).strip();
    if (key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"")) {
      key = key.substring(1, key.length() - 1);
    }
    boolean visible = key.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (key.isEmpty() || key.length() > MAX_KEY || !visible) {
      throw ServiceException.parameter(
          "Idempotency-Key must have 1 to " + MAX_KEY + " visible ASCII characters");
    }
    String scope =
        Identity.current().id()
            + "\n"
            + request.getMethod()
            + "\n"
            + request.getRequestURI()
            + "\n"
            + key;
    return BufferedRequest.digest(scope);
  }

  private void run(
      Claim.Fresh claim,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
    try {
      ScopedRequest.run(
          rest -> ScopedValue.where(IdempotencyKeys.CURRENT, claim).call(rest),
          () -> chain.doFilter(request, answer));
    } catch (ServletException | IOException | RuntimeException e) {
      keys.release(claim);
      throw e;
    }
    settle(claim, answer);
    answer.copyBodyToResponse();
  }

  private void settle(Claim.Fresh claim, ContentCachingResponseWrapper answer) {
    try {
      if (isKept(answer.getStatus())) {
        keys.keep(
            claim,
            new Answer(
                answer.getStatus(),
                answer.getHeader(HttpHeaders.LOCATION),
                answer.getHeader(HttpHeaders.ETAG),
                answer.getContentType(),
                new String(answer.getContentAsByteArray(), StandardCharsets.UTF_8)));
      } else {
        keys.release(claim);
      }
    } catch (RuntimeException e) {
      log.warn("The answer under an Idempotency-Key could not be stored: {}", e.toString());
    }
  }

  /**
   * Stored for retries: successes and invalid requests. Other refusals are temporary, so a retry
   * runs again.
   */
  private static boolean isKept(int status) {
    return (status >= 200 && status < 300) || status == 400 || status == 422;
  }

  private void repeat(Answer answer, HttpServletResponse response) throws IOException {
    response.setStatus(answer.status());
    if (answer.status() >= 400) {
      String code = mapper.readTree(answer.body()).path("code").asString("");
      response.addHeader(HttpHeaders.LINK, Problem.link(code));
    }
    if (answer.location() != null) {
      response.setHeader(HttpHeaders.LOCATION, answer.location());
    }
    if (answer.etag() != null) {
      response.setHeader(HttpHeaders.ETAG, answer.etag());
    }
    response.setContentType(
        answer.contentType() == null ? "application/json" : answer.contentType());
    response.getOutputStream().write(answer.body().getBytes(StandardCharsets.UTF_8));
  }
}
