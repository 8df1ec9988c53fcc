import "./styles/main.scss";

import { confirmations } from "./confirm";
import { dialogs } from "./dialogs";
import { display } from "./display";
import { drafts } from "./drafts";
import { forms } from "./forms";
import { go } from "./go";
import { menus } from "./menus";
import { requests } from "./requests";
import { signatures } from "./sign";
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
signatures();
stacks();
go();
unsent();
