package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import org.springframework.amqp.core.Message;

/** An event, and the message that it came in. */
record Received(RunEvent event, Message message) {}
