package io.trainyard.api.access;

import io.trainyard.access.AuditLog;
import io.trainyard.access.Change;
import io.trainyard.access.Identity;
import io.trainyard.access.Scope;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.ScopedRequest;
import io.trainyard.api.access.OperationRules.Rule;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes each change that succeeded into the audit log, before its caller has the whole answer.
 * Reads and predictions change nothing; a refused request has changed nothing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 11)
record AuditFilter(AuditLog audit, JsonMapper mapper, Clock clock) implements RequestFilter {
  private static final Logger log = LoggerFactory.getLogger(AuditFilter.class);
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final Set<Scope> CHANGES =
      Set.of(
          Scope.DATASETS_WRITE,
          Scope.MODELS_WRITE,
          Scope.JOBS_WRITE,
          Scope.ALIASES_WRITE,
          Scope.ADMIN);

  /** A longer text is told by its length: specs of large models are stored elsewhere. */
  private static final int LONGEST = 100_000;

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (READS.contains(request.getMethod())) {
      chain.doFilter(request, response);
      return;
    }
    Change change = new Change();
    ScopedRequest.run(change::call, () -> chain.doFilter(request, response));
    if (request.getAttribute(Authorization.ALLOWED) instanceof Rule rule
        && rule.any().stream().anyMatch(CHANGES::contains)
        && response.getStatus() < 300) {
      add(request, response, change);
    }
  }

  private void add(HttpServletRequest request, HttpServletResponse response, Change change) {
    Identity caller = Identity.current();
    String created = response.getHeader("Location");
    AuditLog.Entry entry =
        new AuditLog.Entry(
            0,
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            caller.id(),
            caller.name(),
            request.getMethod()
                + " "
                + request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE),
            created == null ? request.getServletPath() : created, // decoded, as it was understood
            json(change.before()),
            json(change.after()));
    try {
      audit.add(entry);
    } catch (RuntimeException e) {
      log.error(
          "The audit log lacks an entry, which is only here: {} by '{}' ({}) on {}",
          entry.operation(),
          entry.callerName(),
          entry.caller(),
          entry.resource(),
          e);
    }
  }

  private @Nullable String json(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    String json = mapper.writeValueAsString(value);
    return json.length() <= LONGEST
        ? json
        : mapper.writeValueAsString(Map.of("characters", json.length()));
  }
}
