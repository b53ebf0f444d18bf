package io.trainyard.grpc;

import io.trainyard.access.AuditLog;
import io.trainyard.access.Identity;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Writes changes that calls make into the audit log. */
@Component
@OnApiRole
class CallAudit {
  private static final Logger log = LoggerFactory.getLogger(CallAudit.class);

  private final AuditLog audit;
  private final Clock clock;

  CallAudit(AuditLog audit, Clock clock) {
    this.audit = audit;
    this.clock = clock;
  }

  void add(String method, String model) {
    Identity caller = Identity.current();
    try {
      audit.add(
          new AuditLog.Entry(
              0,
              clock.instant().truncatedTo(ChronoUnit.MICROS),
              caller.id(),
              caller.name(),
              "gRPC " + method,
              "models/" + model,
              null,
              null));
    } catch (RuntimeException e) {
      log.error(
          "The audit log lacks an entry, which is only here: {} by '{}' ({}) on the model {}",
          method,
          caller.name(),
          caller.id(),
          model,
          e);
    }
  }
}
