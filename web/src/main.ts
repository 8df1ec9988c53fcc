import "./styles/main.scss";

import { confirmations } from "./confirm";
import { dialogs } from "./dialogs";
import { display } from "./display";
import { drafts } from "./drafts";
import { forms } from "./forms";
import { go } from "./go";
import { menus } from "./menus";
import { each } from "./page";
import { requests } from "./requests";
import { speech } from "./speech";
import { stacks } from "./stacks";
import { unsent } from "./unsent";

requests();
display();
menus();
dialogs();
confirmations();
forms();
drafts();
speech();
stacks();
go();
unsent();
// A pen comes only where somebody signs.
each<HTMLElement>("[data-sign]", (box) => void import("./sign").then(({ sign }) => sign(box)));
