package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.collector.callback.WebhookReceiver.Received;
import io.aiopslab.tasks.collector.callback.WebhookReceiver.Reply;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Replies in this order; then the last one again and again. */
record Script(List<Reply> replies, AtomicInteger next) implements Function<Received, Reply> {
  Script(List<Reply> replies) {
    this(replies, new AtomicInteger());
  }

  @Override
  public Reply apply(Received request) {
    return replies.get(Math.min(next.getAndIncrement(), replies.size() - 1));
  }
}
